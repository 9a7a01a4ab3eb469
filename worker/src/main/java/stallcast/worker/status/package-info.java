/** What a process tells about itself over HTTP: metrics and health. Read-only. */
package stallcast.worker.status;
