/// Models of published shapes with random weights: they cost what the real ones cost, and need no download.
@NullMarked
package dev.millrace.cli.bench.synth;

import org.jspecify.annotations.NullMarked;
