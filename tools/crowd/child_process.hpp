// SPDX-License-Identifier: BSL-1.0
// Runs another program and returns its output. Used by measure.cpp.
#pragma once

#include <string>

namespace admit::crowd {

/// The path of a program in the folder of this one.
std::string beside_this_program(const std::string& name);

/// Returns the standard output of `program`, run with one argument; it inherits standard error.
/// Throws `std::runtime_error` if the program cannot be started or does not exit with 0.
std::string output_of(const std::string& program, const std::string& argument);

}  // namespace admit::crowd
