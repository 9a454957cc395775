"""Start the studio's page: `python app.py [--host H] [--port P] [--weights DIR]`."""

from ferstudio.python_version import require_supported_python

require_supported_python()

import argparse  # noqa: E402
import sys  # noqa: E402

from ferstudio.console import framed  # noqa: E402


def main() -> int:
    """Parse the arguments, build the studio and the page, and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="app.py", description="Start the studio's page.")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port (default: the first free one from 7860 on)")
    parser.add_argument("--weights", help="folder of trained networks, or hf:user/name on the Hub")
    parser.add_argument(
        "--pool-mb",
        type=int,
        help="MiB of networks in memory (default: a quarter of what there is)",
    )
    parser.add_argument("--share", action="store_true", help="open a public link")
    parser.add_argument("--root-path", help="path under which a proxy serves the page")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="name under which a proxy on this machine asks for the page; may be repeated",
    )  # fmt: skip
    parser.add_argument("--mcp", action="store_true", help="be an MCP server, too (gradio[mcp])")
    parser.add_argument(
        "--lite", action="store_true",
        help="for a weak machine: few networks at a time, quick methods, no robustness study",
    )  # fmt: skip
    parser.add_argument(
        "--kiosk", action="store_true", help="the sample faces only: no upload, no camera"
    )
    return framed(lambda: _serve(parser.parse_args()))


def _serve(options: argparse.Namespace) -> int:
    from ferstudio.ui.uploads import keep_uploads_apart

    keep_uploads_apart()  # before Gradio is imported
    from ferstudio.studio.studio import Studio
    from ferstudio.ui.mode import LITE_POOL_MB, Mode
    from ferstudio.ui.page import build_app
    from ferstudio.ui.serving import Address, check_address, serve
    from ferstudio.ui.voting.rounds import Rounds
    from ferstudio.ui.voting.routes import vote_routes

    address = Address(
        options.host, options.port, options.root_path, options.share, tuple(options.allow_host),
        options.mcp,
    )  # fmt: skip
    check_address(address)
    mode = Mode(options.lite, options.kiosk)
    pool_mb = LITE_POOL_MB if options.lite and options.pool_mb is None else options.pool_mb
    pool_bytes = None if pool_mb is None else pool_mb * 2**20
    studio = Studio(options.weights, pool_bytes=pool_bytes)
    routes = vote_routes(Rounds())
    serve(build_app(studio, mode), address, mode, routes, once_up=studio.prepare)
    return 0


if __name__ == "__main__":
    sys.exit(main())
