"""Django settings. Everything an operator may change comes from the environment (SOLEUS_*).

SOLEUS_DATA_DIR, SOLEUS_SECRET_KEY, SOLEUS_ALLOWED_HOSTS (comma separated), SOLEUS_HTTPS=1 (the site is reached
over TLS), SOLEUS_BEHIND_PROXY=1 (trust X-Forwarded-Proto and -For of SOLEUS_TRUSTED_PROXY, default 127.0.0.1),
SOLEUS_DEBUG=1 (development only), SOLEUS_UPLOAD_MAX_MB (running files in one go, default 2048),
SOLEUS_IMPORT_WORKERS (processes that read them, default 2), SOLEUS_FILM_MAX_MB (one film, default 500),
SOLEUS_POSE_WORKERS (threads that look for the runner in a film, default 2).
"""

from __future__ import annotations

import os

from soleus.web.data_dir import data_dir, secret_key

DATA_DIR = data_dir()
SECRET_KEY = secret_key(DATA_DIR)
DEBUG = os.environ.get("SOLEUS_DEBUG") == "1"
HTTPS = os.environ.get("SOLEUS_HTTPS") == "1" and not DEBUG

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"] + [
    host.strip() for host in os.environ.get("SOLEUS_ALLOWED_HOSTS", "").split(",") if host.strip()
]

INSTALLED_APPS = ["django.contrib.sessions", "django.contrib.staticfiles", "soleus.web.journey"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "soleus.web.security.ContentSecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "soleus.web.errors.UploadLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "soleus.web.errors.DomainErrorMiddleware",
]

ROOT_URLCONF = "soleus.web.urls"
WSGI_APPLICATION = "soleus.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["soleus.web.journey.context.page"]},
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA_DIR / "soleus.sqlite3"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Answers stay on the server: the cookie holds a random key only, the row is encrypted.
KEEP_DAYS = 30
SESSION_ENGINE = "soleus.web.sessions"
SESSION_COOKIE_NAME = "soleus_session"
SESSION_COOKIE_AGE = KEEP_DAYS * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS

CSRF_COOKIE_NAME = "soleus_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "soleus.web.errors.csrf_failure"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
if os.environ.get("SOLEUS_BEHIND_PROXY") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
UPLOAD_PATH = "/running/upload/"
FILM_PATHS = ("/film/", "/heel-raise/")  # forms below them may carry a film
FILM_MAX_BYTES = int(os.environ.get("SOLEUS_FILM_MAX_MB", "500")) * 1_000_000
UPLOAD_MAX_BYTES = int(os.environ.get("SOLEUS_UPLOAD_MAX_MB", "2048")) * 1_000_000
UPLOAD_FREE_BYTES = 500_000_000  # what must stay free on the disk
OTHER_MAX_BYTES = 2_000_000  # any other page: answers, a case file
# Uploaded files lie here, private, until they are read; emptied at every start.
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "uploads")
(DATA_DIR / "uploads").mkdir(mode=0o700, exist_ok=True)
JOB_THREADS = 2
JOBS_INLINE = False  # tests: read within the request
IMPORT_WORKERS = int(os.environ.get("SOLEUS_IMPORT_WORKERS", "2"))
POSE_WORKERS = int(os.environ.get("SOLEUS_POSE_WORKERS", "2"))

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Logs carry ids and error classes, never answers: the filter strips what a library might add (see security.py).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_health_data": {"()": "soleus.web.security.NoHealthData"}},
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["no_health_data"], "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "soleus": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
