// SPDX-License-Identifier: BSL-1.0
// The version of these headers. Versions follow https://semver.org; docs/CHANGELOG.md says what
// changed.
#pragma once

/// Before 1.0.0 a new minor version may break programs; afterwards only a new major version may.
#define ADMIT_VERSION_MAJOR 0
#define ADMIT_VERSION_MINOR 1
#define ADMIT_VERSION_PATCH 0

namespace admit {

/// "major.minor.patch" of the headers that a program is compiled with.
inline constexpr char version[] = "0.1.0";

}  // namespace admit
