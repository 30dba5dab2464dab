/// JMH benchmarks over the public entry points of worker and tokenizer-service; the README says how to run them.
///
/// Not null-marked, other than all packages: JMH fills fields in set-up methods, which null analysis does not know.
package dev.millrace.benchmarks;
