// Another program, run to its end.
#pragma once

#include <string>

namespace admit::load::million {

/// The program that lies beside this one.
std::string beside_this_program(const std::string& name);

/// What `program`, given one argument, writes to standard output; its standard error is ours.
/// Throws `std::runtime_error` when it cannot be started or does not exit with 0.
std::string output_of(const std::string& program, const std::string& argument);

}  // namespace admit::load::million
