package nb

import (
	"fmt"
	"html"
	"strings"
)

// Table is a table that a cell shows as its last value.
type Table struct {
	header []string
	rows   [][]string
}

// NewTable returns a table with the names of its columns.
func NewTable(columns ...string) *Table { return &Table{header: columns} }

// Row adds a row: numbers with a fraction in four digits, all else as fmt.Print does. It returns
// the table.
func (t *Table) Row(values ...interface{}) *Table {
	row := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case float64:
			row[i] = fmt.Sprintf("%.4g", v)
		case float32:
			row[i] = fmt.Sprintf("%.4g", v)
		default:
			row[i] = fmt.Sprint(v)
		}
	}
	t.rows = append(t.rows, row)
	return t
}

// HTML is what Jupyter shows.
func (t *Table) HTML() string {
	var b strings.Builder
	line := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for _, c := range cells {
			fmt.Fprintf(&b, "<%s>%s</%s>", tag, html.EscapeString(c), tag)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("<table>\n")
	line("th", t.header)
	for _, r := range t.rows {
		line("td", r)
	}
	b.WriteString("</table>")
	return b.String()
}

// String is what a front end without HTML shows.
func (t *Table) String() string {
	var b strings.Builder
	for _, r := range append([][]string{t.header}, t.rows...) {
		b.WriteString(strings.Join(r, "\t") + "\n")
	}
	return b.String()
}
