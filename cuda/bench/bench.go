package bench

import (
	"maps"
	"slices"
	"sync"

	"github.com/ditac-go/ditac/internal/ptxsim"
)

var panel struct {
	sync.Mutex
	active   bool
	config   ptxsim.Config
	launches map[string]int
	stats    ptxsim.Stats
	traffic  Traffic
	held     Resources
}

// Traffic is what programs did with the device.
type Traffic struct {
	Launches int
	// Waits are the calls that wait for the device: copies, and synchronisations that
	// had launches to wait for.
	Waits int
	// Uploads and Downloads are the bytes of each copy to and from the device.
	Uploads, Downloads []int64
}

// Total returns the bytes of all copies.
func (t Traffic) Total() (uploads, downloads int64) {
	for _, n := range t.Uploads {
		uploads += n
	}
	for _, n := range t.Downloads {
		downloads += n
	}
	return uploads, downloads
}

// Moved returns the traffic since the last Reset.
func Moved() Traffic {
	panel.Lock()
	defer panel.Unlock()
	return Traffic{panel.traffic.Launches, panel.traffic.Waits, slices.Clone(panel.traffic.Uploads), slices.Clone(panel.traffic.Downloads)}
}

// Resources are what programs hold on the device, in contexts that were not destroyed.
type Resources struct {
	Contexts    int
	Allocations int
	Modules     int // loaded
	Handles     int // of cuBLAS
}

// Held returns what is held now.
func Held() Resources {
	panel.Lock()
	defer panel.Unlock()
	return panel.held
}

// Active says whether the program runs on the bench.
func Active() bool {
	panel.Lock()
	defer panel.Unlock()
	return panel.active
}

// Configure sets how kernels run from now on.
func Configure(c ptxsim.Config) {
	panel.Lock()
	defer panel.Unlock()
	panel.config = c
}

// config returns how kernels run.
func config() ptxsim.Config {
	panel.Lock()
	defer panel.Unlock()
	return panel.config
}

// record notes a launch.
func record(kernel string, s ptxsim.Stats) {
	panel.Lock()
	defer panel.Unlock()
	if panel.launches == nil {
		panel.launches = map[string]int{}
	}
	panel.launches[kernel]++
	panel.stats.Steps += s.Steps
	panel.stats.Barriers += s.Barriers
}

// Launches returns how often each kernel was launched since the last Reset.
func Launches() map[string]int {
	panel.Lock()
	defer panel.Unlock()
	return maps.Clone(panel.launches)
}

// Stats returns the sums over all launches since the last Reset.
func Stats() ptxsim.Stats {
	panel.Lock()
	defer panel.Unlock()
	return panel.stats
}

// Reset forgets launches and traffic.
func Reset() {
	panel.Lock()
	defer panel.Unlock()
	panel.launches, panel.stats, panel.traffic = nil, ptxsim.Stats{}, Traffic{}
}
