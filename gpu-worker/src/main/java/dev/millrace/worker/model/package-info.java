/// One forward pass over the contract of operations.
@NullMarked
package dev.millrace.worker.model;

import org.jspecify.annotations.NullMarked;
