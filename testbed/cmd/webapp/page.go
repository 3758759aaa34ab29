package main

import (
	"encoding/json"
	"html/template"
	"log"
	"net/http"
)

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <title>Web App - Istio in Action</title>
</head>
<body>
<h1>Istio in Action</h1>
<h2>Data from the Catalog service</h2>
{{- if .}}
<table>
  <tr><th>Product</th><th>Color</th><th>Price</th></tr>
{{- range .}}
  <tr><td>{{.Name}}</td><td>{{.Color}}</td><td>{{.Price}}</td></tr>
{{- end}}
</table>
{{- else}}
<p>The catalog service is currently not available.</p>
{{- end}}
</body>
</html>
`))

// writePage answers with a page for people. It stands even if the catalog does not.
func writePage(w http.ResponseWriter, r *http.Request, catalog service) {
	var items []struct{ Name, Color, Price string }
	body, err := catalog.get(r, "/items")
	if err == nil {
		err = json.Unmarshal(body, &items)
	}
	if err != nil {
		log.Print(err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Execute(w, items); err != nil {
		log.Print(err)
	}
}
