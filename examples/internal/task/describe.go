package task

// Describer is a Task that says, before the trainings, what it has made of its flags.
type Describer interface {
	// Describe returns a line, after Check; empty for none.
	Describe() string
}
