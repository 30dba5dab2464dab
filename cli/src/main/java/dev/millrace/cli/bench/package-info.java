/// `millrace bench`: what measures Millrace, and what it is measured with.
@NullMarked
package dev.millrace.cli.bench;

import org.jspecify.annotations.NullMarked;
