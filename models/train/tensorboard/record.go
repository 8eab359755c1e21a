package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// castagnoli is the polynomial of CRC-32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked returns the checksum of records: a CRC-32C rotated by 15 bits plus a constant, so
// that the checksum of data with checksums in it is no special one.
func masked(b []byte) uint32 {
	const delta = 0xa282ead8
	crc := crc32.Checksum(b, castagnoli)
	return (crc>>15 | crc<<17) + delta
}

// record returns a record: the length in 8 bytes, its checksum in 4, the data, their checksum
// in 4, all little endian.
func record(data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, masked(b))
	b = append(b, data...)
	return binary.LittleEndian.AppendUint32(b, masked(data))
}

// message is a protocol buffer that is written. Fields are numbered as in their .proto.
type message []byte

// The wire types of fields.
const (
	varint  = 0
	fixed64 = 1
	lengths = 2
	fixed32 = 5
)

func (m message) key(field, wire int) message {
	return binary.AppendUvarint(m, uint64(field)<<3|uint64(wire))
}

func (m message) integer(field int, x int64) message {
	return binary.AppendUvarint(m.key(field, varint), uint64(x))
}

func (m message) float(field int, x float32) message {
	return binary.LittleEndian.AppendUint32(m.key(field, fixed32), math.Float32bits(x))
}

func (m message) double(field int, x float64) message {
	return binary.LittleEndian.AppendUint64(m.key(field, fixed64), math.Float64bits(x))
}

func (m message) bytes(field int, x []byte) message {
	return append(binary.AppendUvarint(m.key(field, lengths), uint64(len(x))), x...)
}

// doubles is a packed repeated double.
func (m message) doubles(field int, x []float64) message {
	var b []byte
	for _, e := range x {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(e))
	}
	return m.bytes(field, b)
}
