// SPDX-License-Identifier: BSL-1.0
// One line of IRC: reading what a server sent, writing what may be sent. Used by all of
// admit-ircbot.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace admit::bot {

/// A line that the server sent. Every byte may come from a stranger.
struct message {
    std::string nick;     ///< the sender: a nick, or the name of a server; may be empty
    std::string address;  ///< `user@host` of a user; empty for a server
    std::string account;  ///< the account of the tag `account`; empty without
    std::string command;  ///< in upper case, or three digits
    std::vector<std::string> params;

    /// The parameter of that number, from 0; empty if there are fewer.
    std::string_view param(std::size_t number) const noexcept;
    /// `nick!user@host`.
    std::string mask() const { return nick + '!' + address; }
};

/// Reads a line without its end. Nothing if it has no command.
std::optional<message> parse(std::string_view line);

/// The longest line, with CR and LF.
constexpr std::size_t max_line = 512;
/// The server puts `:nick!user@host ` before what it relays, so a text leaves that much room.
constexpr std::size_t prefix_room = 100;

/// Makes a line, without its end, that is at most `max_line - 2` bytes less `room`. CR, LF and NUL
/// are removed. A middle parameter ends at its first space. The text is cut at a border of UTF-8.
std::string make_line(std::string_view command, std::initializer_list<std::string_view> middle,
                      std::string_view text, std::size_t room = 0);
/// The same without a text.
std::string make_line(std::string_view command, std::initializer_list<std::string_view> middle);

/// The longest beginning of at most `bytes` bytes that does not end inside a character of UTF-8.
std::string_view cut(std::string_view text, std::size_t bytes) noexcept;

/// How many of these nicks one ISON asks for: its line and the answer are far from being cut.
std::size_t fitting(const std::vector<std::string>& nicks) noexcept;

/// How a server compares nicks and channels: with `rfc1459`, `{|}^` are small letters of `[\]~`,
/// with the strict form all but the last.
enum class casemap { ascii, rfc1459, strict_rfc1459 };
std::string fold(std::string_view name, casemap by);

}  // namespace admit::bot
