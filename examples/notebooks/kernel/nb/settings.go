package nb

import "os"

// SmallVariable is the environment variable that makes trainings small if it is "small": for
// tests of the notebooks.
const SmallVariable = "DITAC_NOTEBOOKS"

// Small says whether trainings are to be small.
func Small() bool { return os.Getenv(SmallVariable) == "small" }

// Pick returns full, or small if [Small].
func Pick(full, small int) int {
	if Small() {
		return small
	}
	return full
}

// Check ends the cell with the error, if there is one.
func Check(err error) {
	if err != nil {
		panic(err)
	}
}
