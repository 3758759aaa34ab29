-- Asks bucket-tester which group of the A/B test a request is in, and tells the application in the header x-test-cohort.
function envoy_on_request(request_handle)
  local headers, body = request_handle:httpCall(
    "bucket_tester",
    {
      [":method"] = "GET",
      [":path"] = "/",
      [":scheme"] = "http",
      [":authority"] = "bucket-tester.istioinaction.svc.cluster.local",
      ["accept"] = "*/*"
    }, "", 5000)
  -- Where nothing answers, Envoy itself does, with an error.
  if headers == nil or headers[":status"] ~= "200" or body == nil then
    return
  end
  -- Without the newline that ends the answer: a request with one in a header is refused.
  local cohort = body:match("%S+")
  if cohort ~= nil then
    request_handle:headers():replace("x-test-cohort", cohort)
  end
end

function envoy_on_response(response_handle)
  response_handle:headers():add("istioinaction", "it works!")
end
