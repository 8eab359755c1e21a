package cli

import "fmt"

// Limit is a whole-numbered flag with its bounds.
type Limit struct {
	Flag            string
	Value, Min, Max int
}

// CheckLimits reports the first flag that is out of its bounds.
func CheckLimits(limits ...Limit) error {
	for _, l := range limits {
		if l.Value < l.Min || l.Value > l.Max {
			return fmt.Errorf("-%s: %d, want %d to %d", l.Flag, l.Value, l.Min, l.Max)
		}
	}
	return nil
}
