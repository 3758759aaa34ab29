package envoyfilter

import (
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// envoy stands in for Envoy: handle is what it gives to a script, sent the headers of the request, answer what a call is answered.
const envoy = `
sent, calls = {["x-test-cohort"] = "forged"}, {}
handle = {
  httpCall = function(self, cluster, headers, body, timeout)
    table.insert(calls, {cluster = cluster, headers = headers, timeout = timeout})
    return answer.headers, answer.body
  end,
  headers = function() return {
    add = function(self, name, value) sent[name] = (sent[name] and sent[name] .. "," or "") .. value end,
    replace = function(self, name, value) sent[name] = value end,
  } end,
}
`

// runs runs cohort.lua, and then the given script.
func runs(t *testing.T, answer, script string) *lua.LState {
	t.Helper()
	state := lua.NewState()
	t.Cleanup(state.Close)
	for _, part := range []string{envoy, "answer = " + answer, cohort, script} {
		if err := state.DoString(part); err != nil {
			t.Fatal(err)
		}
	}
	return state
}

// result is the value of an expression.
func result(t *testing.T, state *lua.LState, expression string) string {
	t.Helper()
	if err := state.DoString("result = tostring(" + expression + ")"); err != nil {
		t.Fatal(err)
	}
	return state.GetGlobal("result").String()
}

func TestTheCohortIsWhatBucketTesterAnswersAndNothingThatAHeaderCannotHold(t *testing.T) {
	const before = "forged"
	for name, test := range map[string]struct{ answer, want string }{
		"with a newline":      {`{headers = {[":status"] = "200"}, body = "dark-launch-7\n"}`, "dark-launch-7"},
		"without":             {`{headers = {[":status"] = "200"}, body = "dark-launch-7"}`, "dark-launch-7"},
		"of Windows":          {`{headers = {[":status"] = "200"}, body = "dark-launch-7\r\n"}`, "dark-launch-7"},
		"of two lines":        {`{headers = {[":status"] = "200"}, body = "dark-launch-7\nx-admin: true\n"}`, "dark-launch-7"},
		"of space":            {`{headers = {[":status"] = "200"}, body = " \n"}`, before},
		"of nothing":          {`{headers = {[":status"] = "200"}, body = ""}`, before},
		"without a body":      {`{headers = {[":status"] = "200"}}`, before},
		"no answer":           {`{}`, before},
		"an error of Envoy's": {`{headers = {[":status"] = "503"}, body = "upstream connect error"}`, before},
	} {
		t.Run(name, func(t *testing.T) {
			state := runs(t, test.answer, "envoy_on_request(handle)")
			if got := result(t, state, `sent["x-test-cohort"]`); got != test.want {
				t.Errorf("the header is %q, not %q", got, test.want)
			}
		})
	}
}

func TestTheScriptCallsTheClusterThatItsFilterAdds(t *testing.T) {
	state := runs(t, "{}", "envoy_on_request(handle)")
	if n := result(t, state, "#calls"); n != "1" {
		t.Fatalf("%s calls", n)
	}
	added := Lua().Cluster
	address := added.LoadAssignment.Endpoints[0].LbEndpoints[0].GetEndpoint().Address.GetSocketAddress()
	for expression, want := range map[string]string{
		"calls[1].cluster":               added.Name,
		"calls[1].timeout":               "5000",
		`calls[1].headers[":authority"]`: address.Address,
		`calls[1].headers[":method"]`:    "GET",
		`calls[1].headers[":path"]`:      "/",
	} {
		if got := result(t, state, expression); got != want {
			t.Errorf("%s is %q, not %q", expression, got, want)
		}
	}
	if at := fmt.Sprintf("%s:%d", address.Address, address.GetPortValue()); at != "bucket-tester.istioinaction.svc.cluster.local:80" {
		t.Errorf("it is called at %s", at)
	}
}

func TestResponsesSayThatTheScriptRan(t *testing.T) {
	state := runs(t, "{}", "envoy_on_response(handle)")
	if got := result(t, state, `sent["istioinaction"]`); got != "it works!" {
		t.Errorf("the header is %q", got)
	}
	if n := result(t, state, "#calls"); n != "0" {
		t.Errorf("%s calls", n)
	}
}

func TestTheFilterRunsTheScriptThatIsTested(t *testing.T) {
	if text := value(Lua().HTTP).String(); !strings.Contains(text, "default_source_code") || !strings.Contains(text, "envoy_on_request") {
		t.Error(text)
	}
}
