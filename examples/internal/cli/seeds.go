package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxSeeds bounds a list of seeds, so that a slip such as 1-80000000 is an error.
const maxSeeds = 10000

// ParseSeeds reads a list such as "1-8" or "1,4,10-12". Each seed counts once, where
// it is first named.
func ParseSeeds(list string) ([]uint64, error) {
	fail := func(format string, args ...any) ([]uint64, error) {
		return nil, fmt.Errorf("seeds = %q: "+format, append([]any{list}, args...)...)
	}
	var seeds []uint64
	for _, part := range strings.Split(list, ",") {
		part = strings.TrimSpace(part)
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		lo, err := strconv.ParseUint(first, 10, 64)
		hi, err2 := strconv.ParseUint(last, 10, 64)
		switch {
		case err != nil || err2 != nil:
			return fail("%q is not a number or a range such as 1-8", part)
		case hi < lo:
			return fail("%q ends before it begins", part)
		case hi-lo >= maxSeeds-uint64(len(seeds)):
			return fail("more than %d seeds", maxSeeds)
		}
		for k := range hi - lo + 1 { // not to hi, which may be the last number that there is
			if s := lo + k; !slices.Contains(seeds, s) {
				seeds = append(seeds, s)
			}
		}
	}
	return seeds, nil
}
