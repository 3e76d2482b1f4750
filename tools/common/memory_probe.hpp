// SPDX-License-Identifier: BSL-1.0
// The resident memory of this process. Used by admit-load, admit-crowd and admit-bench.
#pragma once

namespace admit::tools {

/// Keeps the files of /proc open: a reading costs about 2 us and needs no new file descriptor.
class memory_probe {
public:
    /// Throws `std::system_error` when /proc cannot be read.
    memory_probe();
    ~memory_probe();
    memory_probe(const memory_probe&) = delete;
    memory_probe& operator=(const memory_probe&) = delete;

    /// The resident set now, in MiB.
    double resident() const;

    /// The largest resident set since the process began, in MiB.
    double high_water_mark() const;

private:
    int statm_;
    int status_;
    double page_mib_;
};

}  // namespace admit::tools
