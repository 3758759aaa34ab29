package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

func get(path string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder
}

func TestTheListHasTheSizeThatTheManualsLogShows(t *testing.T) {
	response := get("/items")
	if response.Code != http.StatusOK || response.Body.Len() != 502 {
		t.Errorf("got %d with %d bytes: %s", response.Code, response.Body.Len(), response.Body)
	}
	if got := response.Header().Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("it is of the type %q", got)
	}
}

func TestEachItemIsFoundByItsNumber(t *testing.T) {
	var list []item
	if err := json.Unmarshal(get("/items").Body.Bytes(), &list); err != nil || len(list) != 4 {
		t.Fatalf("got %d items, %v", len(list), err)
	}
	for place, path := range []string{"/items/1", "/items/2", "/items/3", "/items/4"} {
		var got item
		if err := json.Unmarshal(get(path).Body.Bytes(), &got); err != nil || got != list[place] {
			t.Errorf("%s: got %+v, %v", path, got, err)
		}
	}
}

func TestAnUnknownItemIsNotFound(t *testing.T) {
	for _, path := range []string{"/items/5", "/items/x", "/"} {
		if response := get(path); response.Code != http.StatusNotFound {
			t.Errorf("%s: got %d", path, response.Code)
		}
	}
}
