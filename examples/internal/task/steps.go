package task

// Stepper is a Task that knows how many steps its flags ask for, in epochs.
type Stepper interface {
	// Steps returns the number of steps, after Check; 0 for that of the flag -steps. It
	// is an error if it cannot be told.
	Steps() (int, error)
}
