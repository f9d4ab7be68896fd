#include "support/certificates.h"

#include <stdexcept>

#include "bdupdate/base/subprocess.h"

namespace bdupdate::test {

Certificates::Certificates() {
    const std::vector<std::string> signed_by_us = {"-CA", file("ca.pem"), "-CAkey", file("ca.key"),
                                                   "-addext"};
    const auto signature = [&signed_by_us](const char* extension) {
        std::vector<std::string> options = signed_by_us;
        options.emplace_back(extension);
        return options;
    };
    make("ca", "/CN=authority", {});
    make("other", "/CN=another authority", {});
    make("server", "/CN=server", signature("subjectAltName=IP:127.0.0.1"));
    make("stranger", "/CN=stranger", signature("subjectAltName=IP:127.9.9.9"));
    make("client", "/CN=client", signature("basicConstraints=CA:FALSE"));
}

std::vector<std::string> Certificates::server_options(const std::string& name) const {
    return {"--ssl-ca=" + file("ca.pem"), "--ssl-cert=" + file(name + ".pem"),
            "--ssl-key=" + file(name + ".key")};
}

void Certificates::make(const std::string& name, const std::string& subject,
                        const std::vector<std::string>& more) const {
    SpawnOptions options;
    options.argv = {"openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes",
                    "-days",
                    "2",
                    "-subj",
                    subject,
                    "-keyout",
                    file(name + ".key"),
                    "-out",
                    file(name + ".pem")};
    options.argv.insert(options.argv.end(), more.begin(), more.end());
    const auto done = run_program(options);
    if (!done) throw std::runtime_error(done.error().message);
    if (!done->status.ok()) throw std::runtime_error(done->err);
}

}  // namespace bdupdate::test
