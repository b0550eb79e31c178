"""Reads chunks, timelines and roll-up pages by docs/formats/chunk.md alone, so that the page is proven to be enough."""
import struct

MASK = (1 << 64) - 1
CRC_TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    CRC_TABLE.append(n)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def wrap(value):
    """A sum of 64-bit numbers as int64."""
    value &= MASK
    return value - (1 << 64) if value >> 63 else value


def unzigzag(number):
    return number >> 1 if number & 1 == 0 else -(number >> 1) - 1


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def u8(self):
        self.at += 1
        return self.data[self.at - 1]

    def take(self, n):
        assert self.at + n <= len(self.data), "bytes end too early"
        self.at += n
        return self.data[self.at - n:self.at]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def signed(self):
        return unzigzag(self.varint())


def packed(data, width, count):
    whole = int.from_bytes(data, "little")
    return [whole >> i * width & (1 << width) - 1 for i in range(count)]


def width_of(code):
    assert code <= 56 or code == 63, "no such width"
    return 64 if code == 63 else code


def block(source, previous, count):
    head = source.u8()
    mode, parameter = head >> 6, head & 0x3F
    if mode == 0:
        steps = [0] * count
        for _ in range(parameter):
            at = source.u8()
            steps[at] = source.signed()
    elif mode == 1:
        width = width_of(parameter)
        low = previous + source.signed()
        return [wrap(low + f) for f in packed(source.take((count * width + 7) // 8), width, count)]
    elif mode == 2:
        width = width_of(parameter)
        low = source.signed()
        steps = [low + f for f in packed(source.take((count * width + 7) // 8), width, count)]
    else:
        steps = rice(source, parameter, count)
    values = []
    for step in steps:
        previous = wrap(previous + step)
        values.append(previous)
    return values


def rice(source, k, count):
    folded = packed(source.take((count * k + 7) // 8), k, count)
    escaped, begin, bit = [], source.at, 0
    for i in range(count):
        quotient = 0
        while quotient < 15:
            set_ = source.data[begin + bit // 8] >> bit % 8 & 1
            bit += 1
            if set_:
                break
            quotient += 1
        if quotient == 15:
            escaped.append(i)
        else:
            folded[i] |= quotient << k
    source.take((bit + 7) // 8)
    for i in escaped:
        folded[i] = source.varint()
    return [unzigzag(f) for f in folded]


def column(source, count):
    if count == 0:
        return []
    values = [source.signed()]
    while len(values) < count:
        values += block(source, values[-1], min(128, count - len(values)))
    return values


def opened(blob, version, place):
    assert struct.unpack("<I", blob[-4:])[0] == crc32c(place + blob[:-4]), "checksum"
    source = Bytes(blob[:-4])
    assert source.u8() == version, "version"
    return source


def closed(source):
    assert source.at == len(source.data), "bytes are left over"


def timeline(generation, number, blob):
    source = opened(blob, 0x81, struct.pack("<QI", generation, number))
    instants = column(source, source.varint())
    closed(source)
    return instants


def chunk(generation, series, blob):
    """(timeline, resolution as (mantissa, exponent), [value or None for each row])"""
    source = opened(blob, 0x01, struct.pack("<QI", generation, series))
    assert source.varint() == series
    number, rows = source.varint(), source.varint()
    resolution = source.varint(), source.signed()
    source.signed()  # first instant
    gaps, end = set(), 0
    for _ in range(source.varint()):
        end += source.varint()
        length = source.varint()
        gaps |= set(range(end, end + length))
        end += length
    values = iter(column(source, rows - len(gaps)))
    closed(source)
    return number, resolution, [None if row in gaps else next(values) for row in range(rows)]


def rollup(generation, series, width_ms, blob):
    """{begin of bucket in ms: (count, min, max, first, last, sum)}"""
    source = opened(blob, 0x41, struct.pack("<QIQ", generation, series, width_ms))
    buckets, shift, index = source.varint(), source.u8(), source.signed()
    columns = [column(source, buckets) for _ in range(7)]
    closed(source)
    out = {}
    for step, count, low, high, first, last, excess in zip(*columns):
        index += step
        out[index * width_ms] = (count, low, low + high, low + first, low + last, low * count + (excess << shift))
    return out
