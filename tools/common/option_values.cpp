// SPDX-License-Identifier: BSL-1.0
#include "common/option_values.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <cmath>

namespace admit::tools {
namespace {

constexpr double min_s = 0.001;
constexpr double max_s = 365.0 * 86'400;

bool only_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> parse(CLI::App& app, int argc, const char* const* argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return app.help();
    } catch (const CLI::ArgumentMismatch& error) {
        throw usage_error(
            fmt::format("{}; allowed: the option once, with one value", error.what()));
    } catch (const CLI::ParseError& error) {
        throw usage_error(error.what());
    }
    return std::nullopt;
}

void refuse(std::string_view option, std::string_view value, std::string_view allowed) {
    throw usage_error(fmt::format("{} {}: not allowed; allowed: {}", option,
                                  value.empty() ? "(nothing)" : value, allowed));
}

std::optional<std::size_t> whole_number(std::string_view option, const typed& value,
                                        std::size_t min, std::size_t max) {
    if (!value) return std::nullopt;
    std::size_t number = 0;
    const char* end = value->data() + value->size();
    const auto read = std::from_chars(value->data(), end, number);
    if (!only_digits(*value) || read.ec != std::errc{} || number < min || number > max) {
        refuse(option, *value, fmt::format("a whole number from {} to {}", min, max));
    }
    return number;
}

std::optional<std::chrono::nanoseconds> seconds(std::string_view option, const typed& value) {
    if (!value) return std::nullopt;
    const std::string_view text = *value;
    const std::size_t point = std::min(text.find('.'), text.size());
    const bool well_formed = only_digits(text.substr(0, point)) &&
                             (point == text.size() || only_digits(text.substr(point + 1)));
    double number = 0;
    const auto read =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (!well_formed || read.ec != std::errc{} || number < min_s || number > max_s) {
        refuse(option, text,
               fmt::format("seconds from {} to {:.0f}, with or without decimals", min_s, max_s));
    }
    return std::chrono::nanoseconds(std::llround(number * 1e9));
}

std::optional<std::string> listen_address(std::string_view option, const typed& value) {
    if (!value) return std::nullopt;
    const std::size_t colon = std::min(value->rfind(':'), value->size());
    std::string host = value->substr(0, colon);
    const std::string port = value->substr(std::min(colon + 1, value->size()));
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    boost::system::error_code wrong;
    const auto address = boost::asio::ip::make_address(host, wrong);
    const bool scoped = host.find('%') != std::string::npos;  // a network of this machine
    const bool is_address = !wrong && !scoped && address.is_v6() == bracketed;
    if (!is_address || !only_digits(port) || port.size() > 5 || std::stoul(port) > 65'535) {
        refuse(option, *value,
               "ADDRESS:PORT, an address of this machine in digits and a port from 0 to 65535: "
               "127.0.0.1:9464 or [::1]:9464");
    }
    return value;
}

}  // namespace admit::tools
