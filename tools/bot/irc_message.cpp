// SPDX-License-Identifier: BSL-1.0
#include "bot/irc_message.hpp"

#include <algorithm>

namespace admit::bot {
namespace {

constexpr std::size_t max_params = 15;  // as RFC 2812; what is behind them is ignored

/// Takes the word before the next space off the front of `rest`, and the spaces with it.
std::string_view take_word(std::string_view& rest) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    return word;
}

std::string upper(std::string_view text) {
    std::string out{text};
    for (char& byte : out)
        if (byte >= 'a' && byte <= 'z') byte = static_cast<char>(byte - 'a' + 'A');
    return out;
}

void read_tags(std::string_view tags, message& to) {
    while (!tags.empty()) {
        const std::string_view tag = tags.substr(0, tags.find(';'));
        tags.remove_prefix(std::min(tag.size() + 1, tags.size()));
        if (tag.starts_with("account=")) to.account = tag.substr(8);
    }
}

void read_prefix(std::string_view prefix, message& to) {
    const std::size_t bang = prefix.find('!');
    to.nick = prefix.substr(0, bang);
    if (bang != std::string_view::npos) to.address = prefix.substr(bang + 1);
}

bool forbidden(char byte) { return byte == '\r' || byte == '\n' || byte == '\0'; }

void append_clean(std::string& to, std::string_view text) {
    for (const char byte : text)
        if (!forbidden(byte)) to.push_back(byte);
}

}  // namespace

std::string_view message::param(std::size_t number) const noexcept {
    return number < params.size() ? std::string_view{params[number]} : std::string_view{};
}

std::optional<message> parse(std::string_view line) {
    message read;
    std::string clean;
    append_clean(clean, line);
    std::string_view rest = clean;
    if (rest.starts_with('@')) read_tags(take_word(rest).substr(1), read);
    if (rest.starts_with(':')) read_prefix(take_word(rest).substr(1), read);
    read.command = upper(take_word(rest));
    if (read.command.empty()) return std::nullopt;
    while (!rest.empty() && read.params.size() < max_params) {
        if (rest.starts_with(':')) {
            read.params.emplace_back(rest.substr(1));
            break;
        }
        read.params.emplace_back(take_word(rest));
    }
    return read;
}

std::string_view cut(std::string_view text, std::size_t bytes) noexcept {
    if (text.size() <= bytes) return text;
    std::size_t end = bytes;
    const auto continues = [&](std::size_t at) { return (text[at] & 0xC0) == 0x80; };
    while (end > 0 && bytes - end < 3 && continues(end)) --end;
    return text.substr(0, continues(end) ? bytes : end);  // not UTF-8 anyway: cut as asked
}

std::string make_line(std::string_view command, std::initializer_list<std::string_view> middle) {
    std::string line{command};
    for (const std::string_view one : middle) {
        line += ' ';
        append_clean(line, one.substr(0, one.find(' ')));
    }
    return std::string{cut(line, max_line - 2)};
}

std::string make_line(std::string_view command, std::initializer_list<std::string_view> middle,
                      std::string_view text, std::size_t room) {
    std::string line = make_line(command, middle) + " :";
    append_clean(line, text);
    return std::string{cut(line, max_line - 2 - room)};
}

std::size_t fitting(const std::vector<std::string>& nicks) noexcept {
    constexpr std::size_t max_bytes = 300;  // a server's name and the bot's nick stand beside them
    std::size_t bytes = 0, count = 0;
    for (const std::string& nick : nicks) {
        bytes += nick.size() + 1;
        if (bytes > max_bytes) break;
        ++count;
    }
    return count;
}

std::string fold(std::string_view name, casemap by) {
    std::string out{name};
    for (char& byte : out) {
        if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
        if (by == casemap::ascii) continue;
        if (byte >= '[' && byte <= ']') byte = static_cast<char>(byte - '[' + '{');
        if (byte == '~' && by == casemap::rfc1459) byte = '^';
    }
    return out;
}

}  // namespace admit::bot
