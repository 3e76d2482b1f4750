// SPDX-License-Identifier: BSL-1.0
// A bot on the console, one thread and no Asio: each line is `USER TEXT`, and `bye` ends a
// conversation. Explained in docs/guide/embed.md.
#include <admit/engine.hpp>
#include <chrono>
#include <iostream>
#include <map>
#include <string>

using namespace std::chrono_literals;

class bot {
public:
    void hear(const std::string& user, const std::string& text) {
        engine_.expire(std::chrono::steady_clock::now());
        auto talk = talks_.find(user);
        if (talk == talks_.end() || !talk->second.touch()) {  // none yet, or the last one has ended
            auto permit = engine_.try_admit(user);
            if (!permit) {
                std::cout << user << ": " << permit.error().message() << '\n';
                return;
            }
            talk = talks_.insert_or_assign(user, std::move(*permit)).first;
        }
        if (text == "bye") {
            talks_.erase(talk);  // the destructor of the permit ends the conversation
            std::cout << user << ": goodbye\n";
        } else {
            std::cout << user << ": you said '" << text << "'\n";
        }
    }

private:
    admit::engine engine_{
        admit::limits{.max_concurrent = 2, .max_per_user = 1, .idle_timeout = 60s}};
    std::map<std::string, admit::permit> talks_;
};

int main() {
    bot bot;
    std::string user, text;
    while (std::cin >> user && std::getline(std::cin >> std::ws, text)) bot.hear(user, text);
    return 0;
}
