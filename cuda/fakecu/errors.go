package cu

import "fmt"

// Result is an error of the driver.
type Result int

// The results that calls of this package give.
const (
	InvalidValue   Result = 1
	OutOfMemory    Result = 2
	InvalidDevice  Result = 101
	InvalidImage   Result = 200
	InvalidContext Result = 201
	InvalidHandle  Result = 400
	NotFound       Result = 500
	IllegalAddress Result = 700
	LaunchFailed   Result = 719
)

var resultNames = map[Result]string{
	InvalidValue: "InvalidValue", OutOfMemory: "OutOfMemory", InvalidDevice: "InvalidDevice", InvalidImage: "InvalidImage",
	InvalidContext: "InvalidContext", InvalidHandle: "InvalidHandle", NotFound: "NotFound",
	IllegalAddress: "IllegalAddress", LaunchFailed: "LaunchFailed",
}

func (r Result) Error() string { return resultNames[r] }

// failure is a Result with what the bench knows besides.
type failure struct {
	Result
	detail string
}

func (f failure) Error() string { return f.Result.Error() + ": " + f.detail }

func (f failure) Unwrap() error { return f.Result }

func fail(r Result, format string, args ...any) error {
	return failure{r, fmt.Sprintf(format, args...)}
}
