package cli

import (
	"fmt"
	"strconv"
	"strings"
)

// maxSeeds bounds a list of seeds, so that a slip such as 1-80000000 is an error.
const maxSeeds = 10000

// ParseSeeds reads a list such as "1-8" or "1,4,10-12".
func ParseSeeds(list string) ([]uint64, error) {
	var seeds []uint64
	for _, part := range strings.Split(list, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		lo, err := strconv.ParseUint(first, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("seeds = %q: %q is not a number or a range such as 1-8", list, part)
		}
		hi, err := strconv.ParseUint(last, 10, 64)
		if err != nil || hi < lo {
			return nil, fmt.Errorf("seeds = %q: %q is not a number or a range such as 1-8", list, part)
		}
		if hi-lo >= maxSeeds-uint64(len(seeds)) {
			return nil, fmt.Errorf("seeds = %q: more than %d seeds", list, maxSeeds)
		}
		for s := lo; s <= hi; s++ {
			seeds = append(seeds, s)
		}
	}
	return seeds, nil
}
