// SPDX-License-Identifier: BSL-1.0
// The options and commands of admit-load, and the texts that were given for them. Declared in
// options.cpp; command_line.cpp makes values of the texts.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "common/option_values.hpp"

namespace admit::load {

inline constexpr std::size_t max_scale = 200'000;
inline constexpr std::size_t max_repeats = 1'000;

/// What was typed; the values are checked later, so that each error has one form.
struct option_texts {
    tools::typed max_concurrent, max_per_user, users, threads, scale;
    tools::typed idle_timeout, max_duration, duration, wait, json, html, csv, hgrm, metrics;
    tools::typed repeats, precision, tolerance;
    std::vector<std::string> scenarios, figures;
    std::string file, other_file, system = "admit";
    bool quick = false, full = false, list = false, quiet = false, show_users = false;
    bool version = false, wide = false, of_reports = false;
};

/// The commands. Without one the seven scenarios run.
struct subcommands {
    CLI::App* run;
    CLI::App* find_limit;
    CLI::App* report;
    CLI::App* compare;
    CLI::App* create;
    CLI::App* schema;
    CLI::App* reference;
};

/// Declares all options and commands. The texts must outlive the parsing.
subcommands declare_options(CLI::App&, option_texts&);

}  // namespace admit::load
