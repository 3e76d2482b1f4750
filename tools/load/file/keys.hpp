// SPDX-License-Identifier: BSL-1.0
// The keys of a scenario file: one table for parsing, messages, templates, schema and
// documentation.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "load/file/scenario_file.hpp"

namespace admit::load {

/// One key of one section, and where its value goes.
template <class Section>
struct key {
    std::string_view name;
    std::variant<std::string Section::*, std::size_t Section::*, double Section::*, bool Section::*,
                 std::optional<std::size_t> Section::*, distribution Section::*,
                 std::vector<threshold> Section::*, std::vector<rate_stage> Section::*,
                 std::vector<std::string> Section::*, std::optional<threshold> Section::*>
        to;
    std::string_view unit;  ///< "s", "ms", "%", "/s", "MiB" or nothing
    double min = 0;         ///< of numbers and distributions; of texts: bytes
    double max = 0;
    std::string_view choices;  ///< "a|b" for a text, or texts, out of a few
    std::string_view help;
};

/// The keys of a section, in the order of the documentation.
template <class Section>
std::span<const key<Section>> keys_of();

template <>
std::span<const key<scenario_file>> keys_of();
template <>
std::span<const key<file_limits>> keys_of();
template <>
std::span<const key<file_arrival>> keys_of();
template <>
std::span<const key<rate_stage>> keys_of();
template <>
std::span<const key<user_kind>> keys_of();
template <>
std::span<const key<script_step>> keys_of();
template <>
std::span<const key<bound>> keys_of();

/// A key as a text describes it.
struct key_text {
    std::string name;
    std::string type;      ///< "text", "whole number", "number", "true or false", "length", ...
    std::string unit;      ///< as in `key`
    std::string allowed;   ///< "0 to 100 %", "\"closed\" or \"open\""
    std::string standard;  ///< the default, as it is written in a file; empty: none
    std::string help;
    double min = 0;
    double max = 0;
    std::vector<std::string> choices;
};

/// The keys of all sections: "" (the top of the file), "limits", "arrival", "arrival.stages",
/// "users", "steps", "bounds".
struct section_text {
    std::string name;
    std::string help;
    bool repeats = false;  ///< a list of tables: [[users]]
    std::vector<key_text> keys;
};
std::vector<section_text> describe_keys();

/// "0 to 100 %": the allowed values of a key.
std::string allowed_numbers(double min, double max, std::string_view unit, bool whole);
std::vector<std::string> split_choices(std::string_view choices);

}  // namespace admit::load
