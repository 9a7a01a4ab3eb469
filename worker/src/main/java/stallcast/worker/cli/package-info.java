/** The command line of a worker process. */
package stallcast.worker.cli;
