package dev.millrace.worker.kernel.cuda.driver;

/// Work that was recorded on a stream ([Stream#beginCapture]) and is put on one again by a single call.
public final class Graph extends Handle {

    Graph(Driver driver, long executable) {
        super(driver, executable);
    }

    public void launch(Stream stream) {
        driver.launchGraph(value(), stream.handle());
    }

    @Override
    void release(long last) {
        driver.destroyExecutable(last);
    }
}
