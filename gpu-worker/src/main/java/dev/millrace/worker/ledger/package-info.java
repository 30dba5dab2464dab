/// Where the time of each step goes.
@NullMarked
package dev.millrace.worker.ledger;

import org.jspecify.annotations.NullMarked;
