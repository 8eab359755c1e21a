package cli

import "fmt"

// Range reports a whole-numbered flag that is out of its bounds.
func Range(flag string, value, lo, hi int) error {
	if value < lo || value > hi {
		return fmt.Errorf("-%s: %d, want %d to %d", flag, value, lo, hi)
	}
	return nil
}
