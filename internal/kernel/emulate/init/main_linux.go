// Command init is the first and only process of the emulated machine of run.sh: it runs
// the tests in /test and switches the machine off.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	for path, kind := range map[string]string{"/dev": "devtmpfs", "/proc": "proc", "/tmp": "tmpfs"} {
		os.MkdirAll(path, 0o755)
		if err := syscall.Mount(kind, path, kind, 0, ""); err != nil {
			fmt.Println("init: mount", path, err)
		}
	}
	cmd := exec.Command("/test", "-test.v", "-test.count=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Println("init:", err)
	} else {
		fmt.Println("init: done")
	}
	time.Sleep(2 * time.Second) // for the serial line
	syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}
