# SPDX-License-Identifier: Apache-2.0
"""Reads a waveform by way of GTKWave's fst2vcd."""
import bisect
import re

from program import call


class Wave:
    """names: {path: bits, 0 for texts}; end: last time. Values: int, str of a text, None while unknown."""

    def __init__(self, path):
        run = call("fst2vcd", path)
        assert run.returncode == 0, run.stderr
        head, body = run.stdout.split("$enddefinitions $end\n", 1)
        self.names, by_id, scopes = {}, {}, []
        for words in (line.split() for line in head.split("\n")):
            if words[:1] == ["$scope"]:
                scopes.append(words[2])
            elif words[:1] == ["$upscope"]:
                scopes.pop()
            elif words[:1] == ["$var"]:
                path = ".".join([*scopes, words[4]])
                self.names[path] = int(words[2])
                by_id.setdefault(words[3], []).append(path)
        self.timescale = re.search(r"\$timescale\s+(\S+)", head)[1]
        self.times = {path: [] for path in self.names}
        self.values = {path: [] for path in self.names}
        self.end = 0
        for line in body.split("\n"):
            if line.startswith("#"):
                self.end = int(line[1:])
            elif line and line[0] in "bs01x":
                text, key = line[1:].rsplit(" ", 1) if line[0] in "bs" else (line[0], line[1:])
                value = text if line[0] == "s" else None if "x" in text else int(text, 2)
                for path in by_id[key]:
                    self.times[path].append(self.end)
                    self.values[path].append(value)

    def at(self, path, time):
        n = bisect.bisect_right(self.times[path], time)
        return self.values[path][n - 1] if n else None

    def spans(self, path):
        """(start, end, value), equal neighbours joined; the last one ends with the waveform."""
        found = []
        for time, value in zip(self.times[path], self.values[path]):
            if found and found[-1][2] == value:
                continue
            if found:
                found[-1][1] = time
            found.append([time, self.end, value])
        return [tuple(span) for span in found]
