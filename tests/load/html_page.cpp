// SPDX-License-Identifier: BSL-1.0
// The page of `admit-load --html`, by the tool as a process. ADMIT_LOAD_TOOL is its path.
// pages_test.py shows it in a browser.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "load/load_tool.hpp"
#include "support/text.hpp"

using namespace std::string_literals;
using load_tool::run;
using support::contains;
using support::process_result;
using support::shell;
using support::temporary_folder;
using support::text_of;

namespace {

using json = nlohmann::json;

/// The text of the element that holds the JSON.
std::string data_in(const std::string& page) {
    const std::string begin = "<script type=\"application/json\" id=\"data\">";
    const std::size_t at = page.find(begin);
    REQUIRE(at != std::string::npos);
    CHECK(page.find(begin, at + 1) == std::string::npos);
    const std::size_t first = at + begin.size();
    return page.substr(first, page.find("</script>", first) - first);
}

/// A scenario file, its page and its JSON in one folder.
class page_in_folder {
public:
    explicit page_in_folder(const std::string& scenario, const char* name = "bot.toml")
        : file_((folder_ / name).string()) {
        std::ofstream(file_) << scenario;
    }
    process_result run_it(const std::string& options = "") const {
        return run(fmt::format("run '{}' --html '{}' --json '{}' {}", file_, path(), json_path(),
                               options));
    }
    std::string path() const { return (folder_ / "page.html").string(); }
    std::string page() const { return text_of(path()); }
    json report() const { return json::parse(text_of(json_path())); }

private:
    std::string json_path() const { return (folder_ / "report.json").string(); }
    temporary_folder folder_;
    std::string file_;
};

constexpr const char* plain = "duration_s = 0.5\n[[users]]\ncount = 3\nstep_ms = 1\n";

constexpr const char* hostile =
    "duration_s = 0.2\n"
    "[[users]]\nstep_ms = 1\n"
    R"(name = "</script><img src=x onerror=alert(1)><!--\u001b[31m\r\n\u0000\u2028\u202e")"
    "\n[[users]]\nstep_ms = 1\nname = \"__proto__\"\n"
    "[[users]]\nstep_ms = 1\nname = \"user\"\n";

}  // namespace

TEST_CASE("the page holds the JSON report, and names its parts") {
    const page_in_folder file(plain);
    REQUIRE(file.run_it().exit_code == 0);
    const std::string page = file.page();
    CHECK(page.starts_with("<!doctype html>"));
    CHECK(contains(page, "<meta name=\"viewport\""));
    CHECK(contains(page, "prefers-color-scheme: dark"));
    const json shown = json::parse(data_in(page));
    const json written = file.report();
    CHECK(shown["schema_version"] == 1);
    CHECK(shown["machine"] == written["machine"]);
    CHECK(shown["scenarios"][0]["series"] == written["scenarios"][0]["series"]);
    CHECK(shown["scenarios"][0]["distribution"] == written["scenarios"][0]["distribution"]);
    CHECK_FALSE(contains(page, "@SCRIPT@"));
}

TEST_CASE("the page asks for nothing on the network") {
    const page_in_folder file(plain);
    REQUIRE(file.run_it().exit_code == 0);
    const std::string page = file.page();
    CHECK(contains(page, "content=\"default-src 'none'; script-src 'unsafe-inline'"));
    for (const char* request :
         {"src=\"http", "src='http", "src=\"//", "href=\"http", "href='http", "href=\"//", "url(",
          "@import", "<link", "<img", "<iframe", "fetch(", "XMLHttpRequest", "import("}) {
        CAPTURE(request);
        CHECK_FALSE(contains(page, request));
    }
    // What is drawn by chart.js has its license.
    CHECK(contains(page, "new Chart(") == contains(page, "Released under the MIT License"));
}

TEST_CASE("names of any bytes stay text") {
    const page_in_folder file(hostile, "<b onclick=alert(2)>.toml");
    REQUIRE(file.run_it().exit_code == 0);
    const std::string page = file.page();
    const std::string data = data_in(page);
    CHECK(data.find_first_of("<>&") == std::string::npos);
    for (const char letter : data) REQUIRE(static_cast<unsigned char>(letter) - 0x20U < 0x5fU);
    const json kinds = json::parse(data)["scenarios"][0]["per_kind"];
    CHECK(kinds.size() == 3);
    CHECK(
        kinds.contains("</script><img src=x onerror=alert(1)><!--\x1b[31m\r\n\0"s
                       "\xe2\x80\xa8\xe2\x80\xae"s));
    CHECK(kinds.contains("user"));
    CHECK_FALSE(contains(page, "<img"));
    CHECK_FALSE(contains(page, "<b onclick"));
}

TEST_CASE("ids of users are in the page with --show-users only") {
    const page_in_folder file(plain);
    REQUIRE(file.run_it().exit_code == 0);
    CHECK_FALSE(contains(file.page(), "@u0"));
    CHECK_FALSE(contains(file.page(), ":load.test"));
    CHECK(file.report()["scenarios"][0]["per_user"][0]["user"] == "@u0:load.test");
    REQUIRE(file.run_it("--show-users").exit_code == 0);
    CHECK(contains(file.page(), "@u0:load.test"));
}

TEST_CASE("a page of several scenarios with users in the names of checks") {
    const temporary_folder folder;
    const std::string path = (folder / "page.html").string();
    const std::string options = fmt::format(
        "--quick --threads 1 --scenario per_user_limit_enforcement --scenario "
        "global_limit_enforcement --html '{}'",
        path);
    REQUIRE(run(options).exit_code <= 1);  // a busy machine may miss a threshold of time
    CHECK(json::parse(data_in(text_of(path)))["scenarios"].size() == 2);
    CHECK_FALSE(contains(text_of(path), ":load.test"));
    CHECK(contains(text_of(path), "listed for a user"));
    REQUIRE(run(options + " --show-users").exit_code <= 1);
    CHECK(contains(text_of(path), "listed for @u0:load.test"));
}

TEST_CASE("a path that cannot be written is refused before the run") {
    const page_in_folder file(plain);
    const process_result refused = file.run_it("--csv /nonexistent/x");
    CHECK(refused.exit_code == 2);
    CHECK(run("--html /nonexistent/x").exit_code == 2);
    CHECK(run("--quick --json - --html -").exit_code == 2);
    CHECK_FALSE(std::filesystem::exists(file.path()));
}

TEST_CASE("the page alone on standard output") {
    const process_result printed =
        shell(load_tool::path() +
              " --quick --threads 1 --scenario per_user_limit_enforcement --html - 2>/dev/null");
    CHECK(printed.exit_code <= 1);
    CHECK(printed.output.starts_with("<!doctype html>"));
    CHECK(printed.output.ends_with("</html>\n"));
}
