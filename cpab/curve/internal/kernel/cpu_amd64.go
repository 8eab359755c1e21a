//go:build amd64 && !noasm

package kernel

import (
	"os"

	"golang.org/x/sys/cpu"
)

// useAVX2 chooses the implementation. Tests switch it off.
var useAVX2 = cpu.X86.HasAVX2 && os.Getenv("DITAC_NOASM") != "1"
