// node docker/healthy.mjs PORT: whether the server in this container can do its work.
const answer = await fetch(`http://127.0.0.1:${process.argv[2]}/readyz`);
process.exit(answer.ok ? 0 : 1);
