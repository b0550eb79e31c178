"""Reads journal files by docs/formats/journal.md alone, so that the page is proven to be enough."""
import struct

from chunk_format import Bytes, crc32c, unzigzag

PAGE = 4096


class Bits:
    def __init__(self, data):
        self.whole, self.left = int.from_bytes(data, "little"), len(data) * 8

    def get(self, count):
        assert count <= self.left, "bits end too early"
        value = self.whole & (1 << count) - 1
        self.whole >>= count
        self.left -= count
        return value

    def plain(self):
        return self.get(self.get(6) + 1)


class Adaptive:
    def __init__(self):
        self.mean16 = 32

    def get(self, bits):
        mean = self.mean16 // 16
        k = mean.bit_length() - 1 if mean else 0
        quotient = 0
        while quotient < 16 and bits.get(1) == 0:
            quotient += 1
        value = bits.plain() if quotient == 16 else quotient << k | bits.get(k)
        self.mean16 += min(value, self.mean16 + 64, 1 << 24) - mean
        return value


def toward_zero(a, b):
    return a // b if a >= 0 else -(-a // b)


class Shape:
    def __init__(self, series, instant):
        self.series, self.instant, self.step16, self.time = series, instant, 0, Adaptive()
        self.last, self.coder = [0] * len(series), [None] * len(series)

    def next_instant(self, bits):
        instant = self.instant + toward_zero(self.step16 + 8, 16) + unzigzag(self.time.get(bits))
        distance, self.instant = instant - self.instant, instant
        if 0 < distance <= 3_600_000:
            if self.step16 == 0:
                self.step16 = 16 * distance
            elif 16 * distance < 4 * self.step16:
                self.step16 += toward_zero(16 * distance - self.step16, 8)

    def values(self, bits):
        gaps = [bits.get(1) for _ in self.series] if bits.get(1) else [0] * len(self.series)
        for i, series in enumerate(self.series):
            if gaps[i]:
                yield series, self.instant, None
                continue
            step = self.coder[i].get(bits) if self.coder[i] else bits.plain()
            self.coder[i] = self.coder[i] or Adaptive()
            self.last[i] += unzigzag(step)
            yield series, self.instant, self.last[i]


class State:
    def __init__(self):
        self.shapes, self.follower, self.previous = [], [], 0

    def shape(self, bits):
        number = self.follower[self.previous] if bits.get(1) else bits.get(13)
        if number < len(self.shapes):
            self.shapes[number].next_instant(bits)
        else:
            length, ids, series = bits.get(13), Adaptive(), []
            for _ in range(length):
                series.append((series[-1] + 1 if series else 0) + unzigzag(ids.get(bits)))
            self.shapes.append(Shape(series, bits.get(64)))
            self.follower.append(0)
        self.follower[self.previous], self.previous = number, number
        return self.shapes[number]


def text(source):
    return bytes(source.take(source.varint())).decode()


def records(data, generation, part):
    """(sequence, body) of each record up to the first that is none."""
    at, sequence = 0, None
    while True:
        for place in (at, -(-at // PAGE) * PAGE):
            found = record(data, generation, part, place)
            if found and (place == at or found[0] == sequence + 1):
                break
        else:
            return
        sequence, body, at = found
        yield sequence, body


def record(data, generation, part, at):
    if at + 16 > len(data) or data[at:at + 4] != b"BBJ1":
        return None
    length, sequence, checksum = struct.unpack_from("<III", data, at + 4)
    body = data[at + 16:at + 16 + length]
    place = struct.pack("<QIII", generation, part, sequence, length)
    return (sequence, body, at + 16 + length) if crc32c(place + body) == checksum else None


def read(data, generation, part):
    """(sequence, {series: (key, unit)} that begin here, [(series, instant, value or None)]) for each record."""
    state = State()
    for sequence, body in records(data, generation, part):
        source = Bytes(body)
        if source.u8() & 1:
            state = State()
        defined = {}
        for _ in range(source.varint()):
            series = source.varint()
            defined[series] = text(source), text(source)
            source.varint(), source.signed()  # the resolution
        bits, samples = Bits(body[source.at:]), []
        while head := bits.get(2):
            if head == 3:
                state = State()
            samples += state.shape(bits).values(bits)
        assert bits.left < 8 and bits.whole == 0, "bits are left over"
        yield sequence, defined, samples
