// PTX as far as the fake driver reads it: which kernels it has, their arguments, blocks and static shared memory.
#pragma once
#include "fake.h"
#include <regex>

namespace fake {

// PTX versions by the driver that first took them: a driver refuses newer ones.
inline double ptx_version(int driver) {
    const int major = driver / 1000, minor = driver % 1000 / 10;
    return major == 11 ? 7.0 + minor * 0.1 : major == 12 ? 8.0 + minor * 0.1 : 9.0 + minor * 0.1;
}

inline size_t parameter_bytes(const std::string &declaration) {
    static const std::regex array("\\.b8\\s+\\S+\\[(\\d+)\\]"), plain("\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.[a-z](\\d+)");
    std::smatch match;
    if (std::regex_search(declaration, match, array)) return std::stoul(match[1]);
    return std::regex_search(declaration, match, plain) ? std::stoul(match[1]) / 8 : 0;
}

inline std::vector<size_t> parameters(const std::string &text) {
    std::vector<size_t> bytes;
    for (size_t at = text.find(".param"); at != std::string::npos;) {
        const size_t next = text.find(".param", at + 1);
        bytes.push_back(parameter_bytes(text.substr(at, next == std::string::npos ? next : next - at)));
        at = next;
    }
    return bytes;
}

// `.shared .align 16 .b8 name[128];`
inline size_t shared_bytes(const std::string &body) {
    static const std::string directive = "\n\t.shared ";
    size_t bytes = 0;
    for (size_t at = body.find(directive); at != std::string::npos; at = body.find(directive, at + 1)) {
        const size_t type = body.find(" .b", at), count = body.find('[', at);
        bytes += std::stoul(body.substr(type + 3)) / 8 * std::stoul(body.substr(count + 1));
    }
    return bytes;
}

inline int read_entry(const std::string &head, const std::string &body, Module *module, const std::string &name) {
    const auto kernel = shim::exports().find(name);
    if (kernel == shim::exports().end())
        return fake().say(NOT_FOUND, "kernel " + name + " is not in the fake driver: EXPORT is missing, or a build");
    if (parameters(head) != kernel->second.argument_bytes)
        return fake().say(INVALID_IMAGE, "the arguments of kernel " + name + " differ between PTX and source");
    static const std::regex limit("\\.maxntid\\s+(\\d+)(?:,\\s*(\\d+))?(?:,\\s*(\\d+))?");
    unsigned threads = 1024;
    std::smatch match;
    const std::string between = body.substr(0, body.find('{'));
    if (std::regex_search(between, match, limit)) {
        threads = 1;
        for (int i = 1; i <= 3; i++)
            if (match[i].matched) threads *= static_cast<unsigned>(std::stoul(match[i]));
    }
    const size_t fixed = shared_bytes(body);
    module->functions[name] = {module, name, &kernel->second, fixed, threads, (size_t{48} << 10) - fixed};
    return SUCCESS;
}

inline int read_ptx(const std::string &text, Module *module) {
    static const std::regex version("\\n\\.version\\s+([0-9.]+)"), target("\\n\\.target\\s+sm_(\\d+)");
    std::smatch match;
    if (!std::regex_search(text, match, version)) return fake().say(INVALID_IMAGE, "a module that is not PTX");
    if (std::stod(match[1]) > ptx_version(fake().version) + 0.01)
        return fake().say(UNSUPPORTED_PTX_VERSION, "PTX " + match[1].str() + " is newer than the driver");
    if (!std::regex_search(text, match, target)) return fake().say(INVALID_IMAGE, "PTX without a target");
    if (std::stoi(match[1]) > module->device->major * 10 + module->device->minor)
        return fake().say(NO_BINARY_FOR_GPU, "PTX for a newer device: sm_" + match[1].str());
    for (size_t at = text.find(".entry "); at != std::string::npos;) {
        const size_t open = text.find('(', at), close = text.find(')', open), next = text.find(".entry ", close);
        const std::string name = text.substr(at + 7, open - at - 7);
        const std::string body = text.substr(close, next == std::string::npos ? next : next - close);
        if (const int code = read_entry(text.substr(open, close - open), body, module, name)) return code;
        at = next;
    }
    return SUCCESS;
}
}  // namespace fake
