# The studio in a container: docker build -t ferstudio . && docker run -p 7860:7860 ferstudio
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

COPY packages.txt .
RUN apt-get update \
    && xargs -a packages.txt apt-get install -y --no-install-recommends \
    && rm -rf /var/lib/apt/lists/* packages.txt \
    && useradd --create-home --uid 1000 studio

WORKDIR /studio
COPY requirements.txt constraints.txt ./
# PyTorch's own index has the builds without CUDA, which are 2 GB smaller.
RUN pip install --index-url https://download.pytorch.org/whl/cpu -c constraints.txt torch \
    && pip install -r requirements.txt -c constraints.txt

COPY app.py ./
COPY ferstudio ferstudio
COPY weights weights
# Nothing is written here while it runs: uploads lie in /tmp until they are read.
USER studio

EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7860/healthz', timeout=8)"]
CMD ["python", "app.py", "--host", "0.0.0.0", "--port", "7860"]
