// Command catalog stands in for the book's catalog service: the same four items, read only, on port 3000.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"strconv"

	"istio-lab/testbed/internal/serve"
)

// item is a thing for sale. Its fields are in the order in which the book's service writes them.
type item struct {
	ID         int    `json:"id"`
	Color      string `json:"color"`
	Department string `json:"department"`
	Name       string `json:"name"`
	Price      string `json:"price"`
}

var items = []item{
	{1, "amber", "Eyewear", "Elinor Glasses", "282.00"},
	{2, "cyan", "Clothing", "Atlas Shirt", "127.00"},
	{3, "teal", "Clothing", "Small Metal Shoes", "232.00"},
	{4, "red", "Watches", "Red Dragon Watch", "232.00"},
}

func main() {
	if err := serve.Run(":3000", handler()); err != nil {
		log.Fatal(err)
	}
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) { answer(w, items) })
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		for _, item := range items {
			if r.PathValue("id") == strconv.Itoa(item.ID) {
				answer(w, item)
				return
			}
		}
		http.NotFound(w, r)
	})
	return mux
}

// answer writes a value as the book's service does, indented and without a last newline.
func answer(w http.ResponseWriter, value any) {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Write(body)
}
