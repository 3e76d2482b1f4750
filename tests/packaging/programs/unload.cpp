// SPDX-License-Identifier: BSL-1.0
// Loads and unloads a plugin again and again. In each round one thread uses it that ends after the
// plugin has gone, and one that lives through all rounds.
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <semaphore>
#include <thread>

namespace {

using function = bool();

[[noreturn]] void fail(int round, const char* what) {
    std::printf("round %d: %s\n", round, what);
    std::_Exit(1);
}

/// Calls what it is given, in a thread that is told when to end.
class caller {
public:
    bool call(function* wanted) {
        wanted_ = wanted;
        go_.release();
        done_.acquire();
        return right_;
    }
    void end() {
        wanted_ = nullptr;
        go_.release();
        thread_.join();
    }

private:
    void run() {
        for (go_.acquire(); wanted_ != nullptr; go_.acquire()) {
            right_ = wanted_();
            done_.release();
        }
    }

    function* wanted_ = nullptr;
    bool right_ = false;
    std::binary_semaphore go_{0};
    std::binary_semaphore done_{0};
    std::thread thread_{[this] { run(); }};
};

void load_and_unload(int round, const char* plugin, const char* gone, caller& longer) {
    void* const object = ::dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
    if (object == nullptr) fail(round, ::dlerror());
    auto* const use = reinterpret_cast<function*>(::dlsym(object, "use"));
    if (use == nullptr) fail(round, ::dlerror());
    caller ends_later;
    if (!longer.call(use) || !ends_later.call(use)) fail(round, "the plugin failed");
    if (::dlclose(object) != 0) fail(round, ::dlerror());
    if (::dlopen(gone, RTLD_NOW | RTLD_NOLOAD) != nullptr) fail(round, "it is still loaded");
    ends_later.end();
}

}  // namespace

/// unload PLUGIN GONE ROUNDS: `GONE` is the object that must not be there after each round.
int main(int count, char** words) {
    if (count != 4) return 2;
    const int rounds = std::atoi(words[3]);
    caller longer;
    std::size_t before = 0;
    for (int round = 1; round <= rounds; ++round) {
        load_and_unload(round, words[1], words[2], longer);
        if (round == rounds / 2) before = ::mallinfo2().uordblks;
    }
    const std::size_t grown = ::mallinfo2().uordblks - before;
    longer.end();
    pthread_key_t key{};
    if (::pthread_key_create(&key, nullptr) != 0) fail(rounds, "all keys of threads are used up");
    if (key >= 32) fail(rounds, "keys of threads are used up");
    std::printf("%d rounds, %zu bytes kept by each\n", rounds,
                grown / static_cast<std::size_t>(rounds - rounds / 2));
    return 0;
}
