package own

import "context"

// Life is that of a plugin. It ends when the engine cancels, and with it what is under way.
type Life struct {
	context context.Context
	end     context.CancelFunc
}

// NewLife begins a plugin's life.
func NewLife() Life {
	l := Life{}
	l.context, l.end = context.WithCancel(context.Background())
	return l
}

// Cancel ends the life, as the engine asks.
func (l Life) Cancel(context.Context) error {
	l.end()
	return nil
}

// During returns a context that ends with the life too. To call done frees what it takes.
func (l Life) During(ctx context.Context) (during context.Context, done func()) {
	during, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(l.context, cancel)
	return during, func() {
		stop()
		cancel()
	}
}
