// Command fake-service stands in for nicholasjackson/fake-service: a service that says who it is, slowly, or fails.
// It knows those environment variables of the original that the labs set, and speaks HTTP only.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"istio-lab/testbed/internal/serve"
)

func main() {
	service, err := configured(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	if err := serve.Run(variable(os.Getenv, "LISTEN_ADDR", "0.0.0.0:9090"), service.handler()); err != nil {
		log.Fatal(err)
	}
}

// configured is the service that the environment describes, with the original's defaults.
func configured(env func(string) string) (*service, error) {
	var problems []error
	median, err := time.ParseDuration(variable(env, "TIMING_50_PERCENTILE", "0s"))
	if err != nil || median < 0 {
		problems = append(problems, fmt.Errorf("TIMING_50_PERCENTILE must be a duration such as 150ms, not %q", env("TIMING_50_PERCENTILE")))
	}
	rate, err := strconv.ParseFloat(variable(env, "ERROR_RATE", "0"), 64)
	if err != nil || !(rate >= 0 && rate <= 1) {
		problems = append(problems, fmt.Errorf("ERROR_RATE must be a number from 0 to 1, not %q", env("ERROR_RATE")))
	}
	code, err := strconv.Atoi(variable(env, "ERROR_CODE", "500"))
	if err != nil || code < 400 || code > 599 {
		problems = append(problems, fmt.Errorf("ERROR_CODE must be a status from 400 to 599, not %q", env("ERROR_CODE")))
	}
	if kind := variable(env, "SERVER_TYPE", "http"); kind != "http" {
		problems = append(problems, fmt.Errorf("SERVER_TYPE must be http, not %q", kind))
	}
	// The book writes 40ms where a percentage belongs. The original reads that as none, and so the manual's answers took 151 ms.
	variance, err := strconv.Atoi(env("TIMING_VARIANCE"))
	if err != nil {
		variance = 0
	}
	return &service{
		name: variable(env, "NAME", "Service"), message: variable(env, "MESSAGE", "Hello World"), addresses: addresses(),
		median: median, variance: max(0, variance), errorRate: rate, errorCode: code,
	}, errors.Join(problems...)
}

// variable is the value of an environment variable, or its default if it is unset or empty.
func variable(env func(string) string, name, otherwise string) string {
	if value := env(name); value != "" {
		return value
	}
	return otherwise
}
