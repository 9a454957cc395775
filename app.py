"""Start the studio's page: `python app.py [--host H] [--port P] [--weights DIR]`."""

from ferstudio.python_version import require_supported_python

require_supported_python()

import argparse  # noqa: E402

from ferstudio.errors import FerStudioError  # noqa: E402
from ferstudio.studio.studio import Studio  # noqa: E402
from ferstudio.ui.page import build_app, launch_settings  # noqa: E402


def main() -> None:
    """Parse the arguments, build the studio and the page, and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="app.py", description="Start the studio's page.")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port (default: the first free one from 7860 on)")
    parser.add_argument("--weights", help="folder of trained networks, or user/name on the Hub")
    parser.add_argument("--share", action="store_true", help="open a public link")
    parser.add_argument("--root-path", help="path under which a proxy serves the page")
    options = parser.parse_args()
    try:
        app = build_app(Studio(options.weights))
    except FerStudioError as error:
        parser.exit(2, f"{error}\n")
    app.launch(
        server_name=options.host,
        server_port=options.port,
        share=options.share,
        root_path=options.root_path,
        **launch_settings(),
    )


if __name__ == "__main__":
    main()
