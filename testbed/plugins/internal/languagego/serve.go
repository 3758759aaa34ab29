// Package languagego is a language host for Pulumi programs in Go, with what the engine asks of one to preview, update, refresh and
// destroy a stack. It answers Unimplemented to all else, such as the generation of code.
package languagego

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"istio-lab/testbed/plugins/guard"
)

// Version is that of the official language host which this one stands in for.
const Version = "3.253.0"

// alive is how often the host looks whether its engine still runs: an engine that was killed cannot end it.
const alive = 30 * time.Second

// Serve runs the language host until its engine ends it or is gone. The address of the engine is the last of the arguments, after flags
// for logs and traces, which are ignored. The port of the host goes to out, by which the engine knows that it is ready.
func Serve(args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("pulumi-language-go is started by pulumi, with the address of its engine")
	}
	address := args[len(args)-1]
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("the engine at %s: %w", address, err)
	}
	defer connection.Close()
	h := newHost(ctx, address, pulumirpc.NewEngineClient(connection))
	ended := make(chan bool)
	context.AfterFunc(h.ctx, func() { close(ended) })
	served, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: ended,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, h)
			return nil
		},
	})
	if err != nil {
		return err
	}
	if err := rpcutil.Healthcheck(h.ctx, address, alive, h.end); err != nil {
		return err
	}
	fmt.Fprintln(out, served.Port)
	return <-served.Done
}

// host answers the engine. What it does not have answers Unimplemented, with the method's name.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	// ctx ends when the engine ends the host, and so does whatever the host runs.
	ctx    context.Context
	end    context.CancelFunc
	engine pulumirpc.EngineClient
	// address is the engine's, which the program connects to as well.
	address string
}

func newHost(ctx context.Context, address string, engine pulumirpc.EngineClient) *host {
	ctx, end := context.WithCancel(ctx)
	return &host{ctx: ctx, end: end, engine: engine, address: address}
}

// either ends with the host or with the context of a request.
func (h *host) either(request context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(request)
	stop := context.AfterFunc(h.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// GetPluginInfo implements pulumirpc.LanguageRuntimeServer.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version + guard.Mark}, nil
}

// Cancel implements pulumirpc.LanguageRuntimeServer: a program that runs is interrupted.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.end()
	return &emptypb.Empty{}, nil
}
